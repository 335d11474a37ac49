/** Pictures that the server makes when they are asked for. */

/** Times that a picture is asked for while it is being made. */
const GOES = 30;

/**
 * What is still being made is asked for again.
 * @param {string} url
 * @returns {Promise<Blob>}
 */
export async function fetchPicture(url) {
  for (let go = 1; ; go += 1) {
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    if (response.ok) return response.blob();
    if (![429, 503].includes(response.status) || go === GOES) throw new Error(`${response.status}`);
    const pause = (Number(response.headers.get("Retry-After")) || 2) * 1000;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
