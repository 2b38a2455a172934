import { assert, assertEquals } from "@std/assert";
import { HOSTILE, hostileTasks } from "./hostile.ts";
import { type Shown, shown } from "./setup.ts";

/** Returns the elements of a page that have no place on it. */
function strangers(html: string): string[] {
  const elements = [...html.matchAll(/<([a-z!/][^\s>/]*)/gi)].map(([, name = ""]) => name.toLowerCase());
  const scripts = elements.filter((name) => name === "script").length;
  const strange = elements.filter((name) =>
    ["img", "textarea", "iframe", "object", "style"].includes(name.replace("/", ""))
  );
  // quoted values cannot end their attribute, so an attribute that is an event handler would stand outside of them
  const tags = html.match(/<[a-z][^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>/gi) ?? [];
  const bare = tags.map((tag) => tag.replace(/"[^"]*"/g, '""'));
  return [
    ...strange,
    ...bare.filter((tag) => /\son\w+=|\sstyle=|'|javascript:/i.test(tag)),
    ...scripts > 1 ? [`${scripts} scripts`] : [],
  ];
}

async function allPages({ app }: Shown): Promise<string[]> {
  const paths = [
    "/",
    ...HOSTILE.map((text) => `/?q=${encodeURIComponent(text)}`),
    ...HOSTILE.map((text) => `/task?name=${encodeURIComponent(text)}`),
    "/task?name=%3Cscript%3E",
  ];
  return await Promise.all(paths.map(async (path) => await (await app.request(path)).text()));
}

Deno.test("text from records, names and addresses is escaped on every page", async () => {
  for (const isStore of [false, true]) {
    const dashboard = await shown({
      tasks: hostileTasks(),
      isStore,
      actions: true,
      title: HOSTILE[0],
      describe: () => HOSTILE[1],
    });
    for (const page of await allPages(dashboard)) assertEquals(strangers(page), [], page);
  }
});

Deno.test("strangers() finds what it looks for", () => {
  for (
    const html of [
      `<img src=x>`,
      `<p onclick="a">`,
      `<p title='a'>`,
      `<p style="a">`,
      `<script></script><script></script>`,
    ]
  ) {
    assert(strangers(html).length > 0, html);
  }
});

Deno.test("each name leads to the page of its task, whatever characters it has", async () => {
  const { app } = await shown({ tasks: hostileTasks(), isStore: true });
  const page = await (await app.request("/")).text();
  const links = [...page.matchAll(/<th scope="row" class="name"><a href="([^"]*)">/g)].map(([, link = ""]) => link);
  assertEquals(links.length, HOSTILE.length);
  const found = await Promise.all(links.map(async (link) => {
    const url = new URL(link.replaceAll("&amp;", "&"), "http://localhost/");
    assertEquals(url.pathname, "/task", link);
    const response = await app.request(url);
    assertEquals(response.status, 200, link);
    return url.searchParams.get("name");
  }));
  assertEquals(found.sort(), [...HOSTILE].sort());
});

Deno.test("the event stream has hostile text as JSON on one line, and escaped in it", async () => {
  const { app } = await shown({
    tasks: [...hostileTasks(), { name: "a\u2028data: b", intervalMs: 1_000, agoMs: 1 }],
    isStore: true,
  });
  const response = await app.request("/events");
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("data:")) text += (await reader?.read())?.value ?? "";
  await reader?.cancel();
  const [retry, event, end] = text.split("\n\n");
  assertEquals([retry, end], ["retry: 3000", ""]);
  const [id, data = "", ...rest] = event?.split("\n") ?? [];
  assert(id?.startsWith("id: "), id);
  assertEquals(rest, []);
  const { parts } = JSON.parse(data.replace("data: ", ""));
  for (const html of Object.values<string>(parts)) assertEquals(strangers(html), []);
});
