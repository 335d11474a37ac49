/** The ways in for photos: dropped anywhere on the page, pasted, chosen. */
import { collectFiles } from "./folders.js";
import { _ } from "../pure/words.js";

/** @param {(files: File[]) => void} onFiles */
export function listenForFiles(onFiles) {
  const pass = (/** @type {File[]} */ files) => files.length && onFiles(files);
  listenForDrops(pass);
  listenForPaste(pass);
  const input = /** @type {HTMLInputElement | null} */ (document.querySelector("[data-input]"));
  const take = () => {
    if (!input?.files?.length) return;
    pass([...input.files]);
    input.value = "";
  };
  input?.addEventListener("change", take);
  // Chosen before this script ran, or kept by the browser over a reload.
  take();
}

/** A cutout dragged out of this page carries a file too, but is not sent back in. */
let fromHere = false;

/** @param {(files: File[]) => void} pass */
function listenForDrops(pass) {
  const veil = document.querySelector("[data-drop-veil]");
  const show = (/** @type {boolean} */ on) => veil?.toggleAttribute("hidden", !on);
  addEventListener("dragstart", () => (fromHere = true));
  addEventListener("dragend", () => (fromHere = false));
  addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
    show(true);
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) show(false);
  });
  addEventListener("drop", (event) => {
    show(false);
    if (!carriesFiles(event) || !event.dataTransfer) return;
    event.preventDefault();
    void collectFiles(event.dataTransfer).then(pass);
  });
}

/** @param {DragEvent} event */
function carriesFiles(event) {
  return !fromHere && (event.dataTransfer?.types.includes("Files") ?? false);
}

/** @param {(files: File[]) => void} pass */
function listenForPaste(pass) {
  addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) event.preventDefault();
    pass(files.map(nameClipping));
  });
}

/** Browsers call every picture from the clipboard "image.png". @param {File} file */
function nameClipping(file) {
  if (file.name !== "image.png") return file;
  return new File([file], _("Pasted photo.png"), { type: file.type });
}
