import { ViewHead } from "../../parts/view-head";

export function LiveView() {
  return <ViewHead title="Live" about="Expressions in front of the camera" />;
}
