/** Lists of ids: one moved to another place, one put in or taken out. */

/**
 * @param {string[]} all
 * @param {string} id
 * @param {number} to its place afterwards, from 0
 */
export function moved(all, id, to) {
  const rest = all.filter((one) => one !== id);
  return [...rest.slice(0, to), id, ...rest.slice(to)];
}

/** @param {string[]} all @param {string} id */
export const toggled = (all, id) => (all.includes(id) ? all.filter((one) => one !== id) : [...all, id]);
