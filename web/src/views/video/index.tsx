/** Expressions in a video: sent, followed, and looked at in step with the playback. */

import { FileDrop } from "../../parts/file-drop";
import { ModelPicker } from "../../parts/model-picker";
import { ViewHead } from "../../parts/view-head";
import { chooseVideo, chosenVideo } from "./work";
import { Workbench } from "./workbench";

export function VideoView() {
  const chosen = chosenVideo.value;
  return (
    <>
      <ViewHead title="Video" about="Expressions over time">
        <ModelPicker />
      </ViewHead>
      <FileDrop
        accept="video/*,.mkv,.avi,.mov"
        title={chosen ? "Choose another video" : "Choose a video"}
        hint="or drop one here: MP4, MOV, WebM, MKV, AVI"
        onFiles={([file]) => file && chooseVideo(file)}
      />
      {chosen && <Workbench key={chosen.url} chosen={chosen} />}
    </>
  );
}
