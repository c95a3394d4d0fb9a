/** A stand-in for the browser's caches, as far as kept files need them. */

/**
 * Put empty caches in place.
 * @param {() => boolean} [isFull] is there no room just now?
 */
export function freshCaches(isFull = () => false) {
  /** @type {Map<string, Map<string, Response>>} */
  const shelves = new Map();
  const key = (/** @type {any} */ request) => new URL(request.url ?? request, "http://city.test").href;
  globalThis.caches = /** @type {any} */ ({
    delete: async (/** @type {string} */ name) => shelves.delete(name),
    keys: async () => [...shelves.keys()],
    has: async (/** @type {string} */ name) => shelves.has(name),
    open: async (/** @type {string} */ name) => {
      if (!shelves.has(name)) shelves.set(name, new Map());
      const shelf = /** @type {Map<string, Response>} */ (shelves.get(name));
      return {
        match: async (/** @type {any} */ request) => shelf.get(key(request))?.clone(),
        put: async (/** @type {any} */ request, /** @type {Response} */ response) => {
          if (isFull()) throw new DOMException("full", "QuotaExceededError");
          shelf.set(key(request), response);
        },
        delete: async (/** @type {any} */ request) => shelf.delete(key(request)),
        keys: async () => [...shelf.keys()].map((url) => ({ url })),
      };
    },
  });
}
