/** A button that asks for a picture: a label around an input, so that it works by keyboard and without script tricks. */

/** @param {{ label: string, capture?: boolean, onFile: (file: File) => void }} props `capture` asks for the camera straight away */
export function FileWay({ label, capture = false, onFile }) {
  return (
    <label class="button button-quiet file-way">
      <input
        type="file"
        accept="image/*"
        capture={capture ? "environment" : undefined}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = ""; // so that the same picture can be chosen twice
          if (file) onFile(file);
        }}
      />
      <span>{label}</span>
    </label>
  );
}
