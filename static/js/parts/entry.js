/** A file of the queue, onto its card. */
import { isWorthRetrying } from "../pure/retry.js";
import { showImage, showProblem, showState } from "./card.js";
import { noteAnswer } from "./notices.js";
import { sayFailure } from "./say.js";
import { _, fill } from "../pure/words.js";

/** @param {import("../pure/queue.js").Entry<{card: HTMLElement, file: File}>} entry */
export function showEntry(entry) {
  const { card, file } = entry.file;
  switch (entry.phase) {
    case "waiting":
      showState(card, "waiting", { progress: 0 });
      break;
    case "sending":
      showSending(card, entry.progress);
      break;
    case "pausing":
      noteAnswer(entry.refusal);
      showState(card, "pausing");
      break;
    case "sent":
      noteAnswer(null);
      showImage(card, entry.result);
      break;
    case "failed":
      noteAnswer(entry.refusal);
      showFailure(card, file.name, entry.refusal);
      break;
    default:
  }
}

/** @param {HTMLElement} card @param {number} progress */
function showSending(card, progress) {
  const percent = Math.floor(progress * 100);
  // All sent, not yet answered: the server is writing it down.
  if (percent === 100) showState(card, "sending", { words: _("Being stored") });
  else {
    const words = fill(_("Being sent, %(percent)s"), { percent: `${percent} %` });
    showState(card, "sending", { words, progress });
  }
}

/**
 * @param {HTMLElement} card
 * @param {string} name
 * @param {import("../pure/retry.js").Refusal | null} refusal
 */
function showFailure(card, name, refusal) {
  if (!refusal) return;
  showState(card, "rejected");
  showProblem(card, refusal.message, { retry: isWorthRetrying(refusal.code), dismiss: true });
  sayFailure(name, refusal.message);
}
