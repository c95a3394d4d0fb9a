/** A photo from the camera or the gallery, shown before it is handed in. */
import { useEffect, useState } from "preact/hooks";
import { reencode } from "../actions/photo.js";
import { gettext } from "../i18n.js";
import { FileWay } from "./file-way.jsx";

/** @typedef {{ bytes: ArrayBuffer, mime: string }} Photo */

/**
 * @param {import("./task-choice.jsx").FieldProps & {
 *   value: Photo | null,
 *   onChange: (value: Photo | null) => void,
 *   onUnreadable: () => void,
 * }} props
 */
export function TaskPhoto({ labelledBy, describedBy, value, onChange, onUnreadable }) {
  const [busy, setBusy] = useState(false);

  /** @param {File} file */
  const take = async (file) => {
    setBusy(true);
    try {
      onChange(await reencode(file));
    } catch {
      onUnreadable();
    } finally {
      setBusy(false);
    }
  };

  return (
    <fieldset class="task-photo" aria-labelledby={labelledBy} aria-describedby={describedBy}>
      {value && <Picture photo={value} alt={gettext("Your photo")} />}
      {busy && <p role="status">{gettext("Making the photo small…")}</p>}
      <div class="task-photo-ways">
        <FileWay capture onFile={take} label={value ? gettext("Take another") : gettext("Take a photo")} />
        <FileWay onFile={take} label={gettext("Choose a picture")} />
        {value && (
          <button type="button" class="button button-quiet" onClick={() => onChange(null)}>
            {gettext("Remove")}
          </button>
        )}
      </div>
    </fieldset>
  );
}

/** @param {{ photo: Photo, alt: string }} props */
export function Picture({ photo, alt }) {
  const [url, setUrl] = useState("");
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([photo.bytes], { type: photo.mime }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [photo.bytes]);
  return url ? <img src={url} alt={alt} /> : null;
}
