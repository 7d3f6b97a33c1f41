import { ViewHead } from "../../parts/view-head";

export function VideoView() {
  return <ViewHead title="Video" about="Expressions over time" />;
}
