/** Many files at once become cards, a few in each frame, so that the page answers between them. */
import { makeCard } from "./card.js";
import { nextFrame } from "./frames.js";

/** Cards made in one frame. */
const AT_ONCE = 16;

/**
 * In front of what is there, in the order of the files. Further files that come meanwhile go in
 * front of these.
 * @param {HTMLElement} list
 * @param {HTMLTemplateElement} template
 * @param {File[]} files
 * @param {(file: File, card: HTMLElement) => void} each
 */
export async function layOut(list, template, files, each) {
  const end = document.createComment("");
  list.prepend(end);
  for (let at = 0; at < files.length; at += AT_ONCE) {
    if (at) await nextFrame();
    const part = files.slice(at, at + AT_ONCE);
    const cards = part.map((file) => makeCard(template, file.name));
    end.before(...cards);
    part.forEach((file, place) => each(file, cards[place]));
  }
  end.remove();
}
