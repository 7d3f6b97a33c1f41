/** What both frameworks say of one face. */

import type { ComparedFace, Comparison } from "../../api/schema";
import { percent } from "../../labels";
import { FaceHead, inWords } from "../../parts/still/face-head";
import { frameworkName } from "../../parts/still/framework-name";
import { Bar } from "../../parts/still/probability-bars";
import { differenceInWords } from "./difference";

interface Properties {
  url: string;
  comparison: Comparison;
  face: ComparedFace;
  onChoose: (face: number) => void;
}

export function ComparedPanel({ url, comparison, face, onChoose }: Properties) {
  const twins = Object.entries(face.answers);
  const tops = [...new Set(twins.map(([, answer]) => answer.top.label))];
  const first = twins[0]?.[1];
  const title = tops.length === 1 && first ? inWords(first.top) : "They differ";
  const labels = Object.keys(first?.probabilities ?? {});
  return (
    <article class="face">
      <FaceHead
        url={url}
        image={comparison.image}
        box={face.box}
        title={title}
        index={face.index}
        count={comparison.faces.length}
        onChoose={onChoose}
      />
      <table class="twins">
        <caption class="visually-hidden">Probabilities by framework</caption>
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">Expression</span>
            </th>
            {twins.map(([framework]) => (
              <th key={framework} scope="col">
                {frameworkName(framework)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {labels.map((label) => (
            <tr key={label} class={tops.includes(label) ? "top" : ""}>
              <th scope="row">{label}</th>
              {twins.map(([framework, answer]) => (
                <td key={framework}>
                  <Bar label={label} probability={answer.probabilities[label] ?? 0} />
                  <span class="value">{percent(answer.probabilities[label] ?? 0)}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="difference">
        <strong>Largest difference</strong> {differenceInWords(face.largest_difference)}
      </p>
    </article>
  );
}
