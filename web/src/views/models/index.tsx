import { ViewHead } from "../../parts/view-head";

export function ModelsView() {
  return <ViewHead title="Models" about="What can be asked for" />;
}
