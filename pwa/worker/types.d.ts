/** What the build puts into the worker. */
declare const __PRECACHE__: { url: string; revision: string | null }[];
declare const __DECODER__: string[];
declare const __VERSION__: string;
