/**
 * Times that the server wrote in its own zone, said again in the reader's, with the exact time on hover.
 * `<time datetime="…" data-moment>` becomes "today at 14:05", `data-deadline` becomes "14:05 tomorrow".
 */
import { nameDeadline, nameMoment } from "../pure/countdown.js";

const EXACT = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "long" });

/** @param {ParentNode} root */
export function showMoments(root) {
  const now = new Date();
  for (const time of root.querySelectorAll("time[data-moment], time[data-deadline]")) {
    if (!(time instanceof HTMLTimeElement)) continue;
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const say = time.dataset.deadline === undefined ? nameMoment : nameDeadline;
    time.textContent = say(moment, now);
    time.title = EXACT.format(moment);
  }
}
