import { ViewHead } from "../../parts/view-head";

export function CompareView() {
  return <ViewHead title="Compare" about="Both frameworks side by side" />;
}
