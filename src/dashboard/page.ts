/**
 * The frame of all pages.
 *
 * @module
 */
import { type Html, markup } from "./html.ts";
import { FORM_ID } from "./task_buttons.ts";

/** The content of a page. */
export interface PageContent {
  readonly title: string;
  readonly heading: Html;
  readonly main: Html;
  /** The address of the event stream; `undefined` if nothing on the page changes. */
  readonly events?: string;
  readonly nowMs: number;
  /** The form that the buttons submit, if there are buttons. */
  readonly form?: Html | undefined;
}

/** What all pages of a dashboard share. */
export interface PageFrame {
  /** The version of the assets in their addresses. */
  readonly assets: string;
}

/** Returns a page. All addresses are relative to its own, so that the dashboard can be mounted anywhere. */
export function page({ title, heading, main, events, nowMs, form }: PageContent, { assets }: PageFrame): Html {
  return markup`
    <!DOCTYPE html>
    <html lang="en" data-now="${nowMs}"${events !== undefined && markup` data-events="${events}"`}>
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="robots" content="noindex">
        <title>${title}</title>
        <link rel="icon" href="icon.svg?v=${assets}">
        <link rel="stylesheet" href="style.css?v=${assets}">
        <script src="script.js?v=${assets}" defer></script>
      </head>
      <body>
    <header>${heading}${
    events !== undefined &&
    markup`<p class="live"><span id="live" hidden></span><noscript><a href="">Reload</a></noscript></p>`
  }</header>
    <main>${main}</main>
    ${form}</body>
    </html>
  `;
}

/** Returns the form that the buttons of a page submit. */
export function actionForm(token: string, returnTo: { readonly view: string; readonly query: string }): Html {
  return markup`
    <form id="${FORM_ID}" method="post" action="actions">
      <input type="hidden" name="token" value="${token}">
      <input type="hidden" name="view" value="${returnTo.view}">
      <input type="hidden" name="query" value="${returnTo.query}">
    </form>
  `;
}

/** Returns a page with a message, such as an error. */
export function messagePage(title: string, message: string, back: string, nowMs: number, frame: PageFrame): Html {
  const heading = markup`<h1>${title}</h1>`;
  const main = markup`
    <p class="alert"><bdi>${message}</bdi></p>
    <p><a href="${back}">Back to the tasks</a></p>
  `;
  return page({ title, heading, main, nowMs }, frame);
}
