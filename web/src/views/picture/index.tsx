import { ViewHead } from "../../parts/view-head";

export function PictureView() {
  return <ViewHead title="Picture" about="Expressions in photographs" />;
}
