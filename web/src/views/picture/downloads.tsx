/** The picture with its faces drawn, and the answer as it came. */

import { annotated } from "../../api/calls";
import type { Analysis } from "../../api/schema";
import { Download } from "../../parts/download";
import { stemOf } from "../../parts/still/stem";
import type { Picture } from "../../state/pictures";
import { send } from "../../state/sendable";

export function Downloads({ picture, analysis }: { picture: Picture; analysis: Analysis }) {
  const stem = stemOf(picture.file.name);
  const json = () =>
    new Blob([`${JSON.stringify(analysis, null, 2)}\n`], { type: "application/json" });
  return (
    <div class="row">
      <Download
        name="Annotated picture"
        fileName={`${stem}-annotated.jpg`}
        content={() => send(picture, (body) => annotated(body, analysis.model.name))}
      />
      <Download name="JSON" fileName={`${stem}.json`} content={json} />
    </div>
  );
}
