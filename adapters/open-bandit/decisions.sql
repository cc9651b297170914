-- One impression, one decision. Only what a row shows is said; the rest stays missing:
--   personalised: missing for both policies. The random policy draws every item with the same probability whoever looks,
--     but whom the shop put into this campaign (`women`) and this policy is not recorded, and that may follow personal
--     traits. For the bandit the probabilities move with time and clicks; which inputs it reads is not recorded.
--   automatedDecision: missing. A program drew the item, but the law means by the word that a program analyses a person's
--     habits, interests or standing and decides on it (PIPL art. 73, item 2), and that is not in the log.
--   personalInformation: true where the row carries features of the user: the shop had to know this user to join them.
--     It does not say that the features chose the item, nor that the published row can still be traced to anybody.
--   category, marketing, push, consumer: what the service is in the words of the law is not recorded.
--   contentKind: the shop sells goods; the row's item is one of them.
-- `at` is the logged instant plus 261 weeks: an assumption, see the adapter's note.
SELECT
  campaign || '-' || policy || '-' || CAST("_row" AS VARCHAR) AS decision_id,
  shown_at + INTERVAL '1827 days' AS at,
  'recommend' AS action,
  campaign || '-' || policy AS algorithm,
  'goods' AS "context.contentKind",
  CASE
    WHEN user_feature_0 IS NOT NULL OR user_feature_1 IS NOT NULL OR user_feature_2 IS NOT NULL OR user_feature_3 IS NOT NULL
    THEN TRUE
  END AS "context.personalInformation",
  "_file", "_row"
FROM impression
