/** A photo to look at or a sound to listen to, from the phone's own store. */
import { useEffect, useState } from "preact/hooks";

/** @param {{ file: {bytes: ArrayBuffer, mime: string}, label: string }} props */
export function FileView({ file, label }) {
  const [url, setUrl] = useState("");
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([file.bytes], { type: file.mime }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file.bytes]);
  if (!url) return null;
  if (file.mime.startsWith("audio/")) return <audio controls preload="metadata" src={url} aria-label={label} />;
  return <img src={url} alt={label} />;
}
