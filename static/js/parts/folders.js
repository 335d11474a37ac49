/** The files of a drop, with those in folders. */

/** A whole disk dropped by mistake must not stop the page. */
const MOST = 2000;

/**
 * Must be called within the drop event: afterwards its items are empty.
 * @param {DataTransfer} transfer
 * @returns {Promise<File[]>}
 */
export async function collectFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  const files = [...transfer.files];
  if (!entries.some((entry) => entry?.isDirectory)) return files;
  /** @type {File[]} */
  const found = [];
  for (const entry of entries) if (entry) await walkIfReadable(entry, found);
  return found;
}

/**
 * @param {FileSystemEntry} entry
 * @param {File[]} found
 */
async function walk(entry, found) {
  if (found.length >= MOST || entry.name.startsWith(".")) return;
  if (entry.isFile) found.push(await readFile(/** @type {FileSystemFileEntry} */ (entry)));
  if (!entry.isDirectory) return;
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  // A reader hands out its entries a hundred at a time, and none when it is through.
  for (let part = await readPart(reader); part.length; part = await readPart(reader)) {
    for (const child of part) await walkIfReadable(child, found);
  }
}

/**
 * What cannot be read (no permission, gone meanwhile) keeps nothing else from being sent.
 * @param {FileSystemEntry} entry
 * @param {File[]} found
 */
async function walkIfReadable(entry, found) {
  try {
    await walk(entry, found);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}

/** @param {FileSystemFileEntry} entry @returns {Promise<File>} */
function readFile(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** @param {FileSystemDirectoryReader} reader @returns {Promise<FileSystemEntry[]>} */
function readPart(reader) {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}
