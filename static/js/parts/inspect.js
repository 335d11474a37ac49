/** What is looked at in a file, and taken out of it, before anything of it leaves the device. */
import { check } from "../pure/check.js";
import { sniffFile } from "../pure/sniff.js";
import { showPreview } from "./preview.js";

export { prepare } from "./prepare.js";

/**
 * Its problem, or null: then its card shows it. Rejected when it cannot be read.
 * @param {File} file
 * @param {HTMLElement} card
 * @param {import("../pure/check.js").Limits} limits
 */
export async function inspect(file, card, limits) {
  const header = await sniffFile(file);
  const problem = check(file.size, header, limits);
  if (!problem) showPreview(card, file, header);
  return problem;
}
