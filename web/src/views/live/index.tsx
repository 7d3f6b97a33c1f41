/** Expressions in front of the camera: notice, camera, what is seen, and what is left of it. */

import { useEffect, useRef, useState } from "preact/hooks";
import { paintBoxes } from "../../parts/box-painter";
import { ErrorNotice } from "../../parts/error-notice";
import { ModelPicker } from "../../parts/model-picker";
import { ViewHead } from "../../parts/view-head";
import { chosenModel } from "../../state/models";
import { Afterwards } from "./afterwards";
import { Consent } from "./consent";
import { Controls } from "./controls";
import { Dashboard } from "./dashboard";
import { RunningCharts } from "./running-charts";
import { Stage } from "./stage";
import { changeCamera, finished, session, start, stop, trouble } from "./state";

export function LiveView() {
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [mirrored, setMirrored] = useState(true);
  const mirror = useRef(mirrored);
  mirror.current = mirrored;
  const running = session.value;
  const model = chosenModel.value?.name;

  useEffect(() => stop, []); // who leaves the view is not looked at any more
  useEffect(() => session.peek()?.reconnect(), [model]); // another model is another stream

  const begin = (keep: boolean) => {
    const [shown, over] = [video.current, canvas.current];
    if (shown && over) {
      const paint = (
        faces: Parameters<typeof paintBoxes>[1],
        extent: { width: number; height: number },
      ) => paintBoxes(over, faces, extent, mirror.current);
      void start({ video: shown, paint }, keep);
    }
  };

  return (
    <>
      <ViewHead title="Live" about="Expressions in front of the camera">
        <ModelPicker />
      </ViewHead>
      {trouble.value && <ErrorNotice error={trouble.value} />}
      <div class={running ? "bench" : "bench waiting"}>
        <Stage video={video} canvas={canvas} mirrored={mirrored} session={running} />
        <div class="side">
          {running ? (
            <>
              <Controls
                mirrored={mirrored}
                onMirror={setMirrored}
                onCamera={(id) => video.current && void changeCamera(id, video.current)}
                onStop={stop}
              />
              <Dashboard session={running} />
            </>
          ) : (
            <Consent onStart={begin} />
          )}
        </div>
      </div>
      {running && <RunningCharts session={running} />}
      {!running && finished.value && <Afterwards finished={finished.value} />}
    </>
  );
}
