/** What can be done while the camera is on. */

import { Square } from "lucide-preact";
import { cameras, chosenCamera } from "./state";

interface Properties {
  mirrored: boolean;
  onMirror: (mirrored: boolean) => void;
  onCamera: (id: string) => void;
  onStop: () => void;
}

export function Controls({ mirrored, onMirror, onCamera, onStop }: Properties) {
  return (
    <div class="row controls">
      <button type="button" onClick={onStop}>
        <Square size={16} aria-hidden="true" /> Stop the camera
      </button>
      {cameras.value.length > 1 && (
        <label class="beside">
          Camera
          <select
            value={chosenCamera.value}
            onChange={(event) => onCamera(event.currentTarget.value)}
          >
            {cameras.value.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <label class="check">
        <input
          type="checkbox"
          checked={mirrored}
          onChange={(event) => onMirror(event.currentTarget.checked)}
        />
        Mirrored
      </label>
    </div>
  );
}
