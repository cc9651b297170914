// The rules of accessibility that pages are held against, and the two sizes of screens.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** The text of axe, which is run in the page. */
export const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
export const SIZES = { phone: { width: 360, height: 740 }, desk: { width: 1280, height: 800 } };
