/**
 * What is done with a file between being chosen and being sent.
 * @param {File} file
 * @param {HTMLElement} _card its card
 * @returns {Promise<File>} the file that is sent in its place
 */
export function prepare(file, _card) {
  return Promise.resolve(file);
}
