/** Frameworks as they call themselves. */

const NAMES: Record<string, string> = { pytorch: "PyTorch", tensorflow: "TensorFlow" };

export const frameworkName = (framework: string) => NAMES[framework] ?? framework;
