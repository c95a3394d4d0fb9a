/** A button that asks for files: a label around an input, so that it works by keyboard and without script tricks. */

/**
 * @param {{
 *   label: string, accept?: string, capture?: boolean, multiple?: boolean,
 *   onFile?: (file: File) => void, onFiles?: (files: File[]) => void,
 * }} props `capture` asks for the camera straight away · `onFile` gets the first, `onFiles` all
 */
export function FileWay({ label, accept = "image/*", capture = false, multiple = false, onFile, onFiles }) {
  return (
    <label class="button button-quiet file-way">
      <input
        type="file"
        accept={accept}
        multiple={multiple}
        capture={capture ? "environment" : undefined}
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          event.currentTarget.value = ""; // so that the same picture can be chosen twice
          if (files.length) onFile?.(files[0]);
          if (files.length) onFiles?.(files);
        }}
      />
      <span>{label}</span>
    </label>
  );
}
