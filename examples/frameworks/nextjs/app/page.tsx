import type { ReactNode } from "react";

export default function Page(): ReactNode {
  return <p>Hello from Next.js</p>;
}
