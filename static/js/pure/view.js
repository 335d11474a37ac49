/**
 * Where a picture lies on the stage: `zoom` pixels of the stage for one of the picture, whose upper left
 * corner is at `x`, `y`.
 * @typedef {{zoom: number, x: number, y: number}} View
 * @typedef {{width: number, height: number}} Size
 */

export const MOST_ZOOM = 8;
const LEAST_ZOOM = 0.02;

/** All of it, in the middle. @param {Size} stage @param {Size} picture @param {number} room around it */
export function fit(stage, picture, room = 24) {
  const across = Math.max(1, stage.width - 2 * room) / picture.width;
  const down = Math.max(1, stage.height - 2 * room) / picture.height;
  return centre(stage, picture, clampZoom(Math.min(across, down)));
}

/** @param {Size} stage @param {Size} picture @param {number} zoom @returns {View} */
export function centre(stage, picture, zoom) {
  return {
    zoom,
    x: (stage.width - picture.width * zoom) / 2,
    y: (stage.height - picture.height * zoom) / 2,
  };
}

/** What is at a place of the stage stays there. @param {View} view @param {number} factor @param {{x: number, y: number}} at */
export function zoomAt(view, factor, at) {
  const zoom = clampZoom(view.zoom * factor);
  const grown = zoom / view.zoom;
  return { zoom, x: at.x - (at.x - view.x) * grown, y: at.y - (at.y - view.y) * grown };
}

/**
 * Moved, but never so far that nothing of it is on the stage.
 * @param {View} view @param {number} across @param {number} down @param {Size} stage @param {Size} picture
 * @returns {View}
 */
export function pan(view, across, down, stage, picture) {
  const keep = 48;
  const limit = (
    /** @type {number} */ place,
    /** @type {number} */ size,
    /** @type {number} */ room,
  ) => Math.min(room - keep, Math.max(keep - size * view.zoom, place));
  return {
    zoom: view.zoom,
    x: limit(view.x + across, picture.width, stage.width),
    y: limit(view.y + down, picture.height, stage.height),
  };
}

/** From the stage to the picture, in shares of its sides. @param {View} view @param {{x: number, y: number}} at @param {Size} picture */
export function toShares(view, at, picture) {
  return [
    (at.x - view.x) / view.zoom / picture.width,
    (at.y - view.y) / view.zoom / picture.height,
  ];
}

/** @param {number} zoom */
function clampZoom(zoom) {
  return Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, zoom));
}
