/** The files that were handed in, as far as they are on this phone. */
import { useEffect, useState } from "preact/hooks";
import { storedBlob } from "../store/blobs.js";
import { FileView } from "./file-view.jsx";
import { fileWords } from "./file-words.js";

/** @param {{ item: OutboxItem }} props */
export function GivenFiles({ item }) {
  return (
    <div class="given-files" data-count={item.blobs.length}>
      {item.blobs.map(({ sha256, mime }, place) => (
        <Stored key={sha256} hash={sha256} label={fileWords(mime.startsWith("audio/") ? "audio" : "photo", place + 1)} />
      ))}
    </div>
  );
}

/** @param {{ hash: string, label: string }} props */
function Stored({ hash, label }) {
  const [file, setFile] = useState(/** @type {StoredBlob | undefined} */ (undefined));
  useEffect(() => {
    storedBlob(hash).then(setFile, () => undefined);
  }, [hash]);
  return file ? <FileView file={file} label={label} /> : null;
}
