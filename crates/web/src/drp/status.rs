use gongdao_clock::End;
use gongdao_desk::{RequestKind, Stage};
use gongdao_service::{CaseView, right_status};
use serde::Serialize;
use utoipa::ToSchema;

/// How a request stands, in the words of the Data Rights Protocol 0.9.4 §3.02 and §3.03
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the protocol's names")]
pub(crate) struct Status {
    /// Its name: that of the case
    request_id: String,
    /// `in_progress`, `fulfilled`, `revoked`, `denied`
    status: &'static str,
    /// `need_user_verification`, `claim_not_covered`
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// When it came in
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    received_at: Option<String>,
    /// When an answer is due: a moment, or a day in Asia/Shanghai; nothing where nobody published a limit
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_by: Option<String>,
    /// The answer, or what is asked, in the person’s language
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    processing_details: Option<String>,
    /// Where the person says who they are
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    user_verification_url: Option<String>,
    /// Where a granted copy is
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    results_url: Option<String>,
    /// The agent’s own name of it, in the answer to the request itself
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) agent_request_id: Option<String>,
    /// The article of a refusal: an extension
    #[schema(nullable = false)]
    #[serde(rename = "gongdao:article", skip_serializing_if = "Option::is_none")]
    article: Option<String>,
    /// Where the case is at the desk: an extension
    #[schema(nullable = false)]
    #[serde(rename = "gongdao:stage", skip_serializing_if = "Option::is_none")]
    stage: Option<&'static str>,
}

/// A case in the protocol's words. `base`: the address under which people reach the service, where it is set.
pub(crate) fn status(view: &CaseView, base: Option<&str>) -> Status {
    let case = &view.case;
    let address = |path: String| base.map(|base| format!("{}{path}", base.trim_end_matches('/')));
    let (status, reason) = right_status(case, view.is_fulfilled);
    let due = view.clock.as_ref().and_then(gongdao_desk::StageClock::due);
    let expected_by = due.map(|due| match due.end {
        End::Day(day) => day.to_string(),
        End::Moment(at) => at.to_string(),
    });
    let asked = case.question.as_ref().map(|question| question.text.clone());
    let answered = || case.answer.as_ref().map(|answer| answer.text.clone());
    let is_record = matches!(case.kind, RequestKind::See | RequestKind::Copy) && status == "fulfilled";
    Status {
        request_id: case.id.clone(),
        status,
        reason,
        received_at: Some(case.filed_at.to_string()),
        expected_by: expected_by.filter(|_| status == "in_progress"),
        processing_details: asked.or_else(answered),
        user_verification_url: (case.stage == Stage::Identity)
            .then(|| address(format!("/me/requests/{}", case.id)))
            .flatten(),
        results_url: if is_record { address(format!("/v1/cases/{}/record", case.id)) } else { None },
        agent_request_id: None,
        article: case.refusal().map(|refusal| refusal.article.to_string()),
        stage: Some(case.stage.as_str()),
    }
}

/// A deletion that was carried out took the case with it.
pub(crate) fn carried_out(id: String) -> Status {
    Status {
        request_id: id,
        status: "fulfilled",
        reason: None,
        received_at: None,
        expected_by: None,
        processing_details: None,
        user_verification_url: None,
        results_url: None,
        agent_request_id: None,
        article: None,
        stage: None,
    }
}
