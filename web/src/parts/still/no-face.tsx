/** No face was found: said kindly, with what helps. */

import { ScanFace } from "lucide-preact";

export function NoFace() {
  return (
    <div class="no-face">
      <ScanFace aria-hidden="true" size={32} />
      <h2>No face found</h2>
      <p>Faces are found best when they</p>
      <ul>
        <li>look towards the camera, uncovered,</li>
        <li>are at least 20 pixels wide, better 100,</li>
        <li>are well lit and wholly in the picture.</li>
      </ul>
    </div>
  );
}
