// What the page says, in English and Japanese.

const WORDS = {
  en: {
    other: "日本語",
    faceLabel: "The face",
    lookAround: "Show the neighbours of this face",
    sheetLabel: "Faces to choose from",
    another: "Another",
    keep: "Keep",
    save: "Save PNG",
    share: "Copy link",
    copied: "Link copied",
    walkTitle: "Walk",
    walkHint: "Keep two faces or more to walk from one to the next.",
    walk: "Walk",
    stop: "Stop",
    remove: (i) => `Do not keep face ${i} any longer`,
    kept: (i) => `Kept face ${i}`,
    faces: "Twenty faces",
    neighbours: "Neighbours",
    more: "Other twenty",
    changeTitle: "Change the face",
    noise: "noise",
    otherNoise: "Other noise",
    reset: "Reset",
    keys: "Keys: N another, K keep, W walk, S save; arrows on the sheet and the sliders.",
    about: "About this generator",
    caption: (face, seed) => `Face ${face} of seed ${seed}`,
    ownCaption: "A face without a number",
    changed: (text) => `${text}, changed`,
    choose: (i) => `Face ${i} of the sheet`,
    loading: (megabytes, of) => `Loading ${megabytes} of ${of} MB`,
    starting: "Starting",
    drawnBy: (processor, version) => `Drawn here by ${processor} · illust-gan ${version}`,
    failed: (why) => `The faces cannot be drawn in this browser (${why}). A newer one may do it.`,
    direction: (i) => `direction ${i}`,
    directions: {},
  },
  ja: {
    other: "English",
    faceLabel: "顔",
    lookAround: "この顔の近くを表示",
    sheetLabel: "選べる顔",
    another: "別の顔",
    keep: "とっておく",
    save: "PNG を保存",
    share: "リンクをコピー",
    copied: "コピーしました",
    walkTitle: "散歩",
    walkHint: "顔を二つ以上とっておくと、その間を散歩できます。",
    walk: "散歩する",
    stop: "止める",
    remove: (i) => `とっておいた顔 ${i} を外す`,
    kept: (i) => `とっておいた顔 ${i}`,
    faces: "二十の顔",
    neighbours: "近くの顔",
    more: "別の二十",
    changeTitle: "顔を変える",
    noise: "ノイズ",
    otherNoise: "別のノイズ",
    reset: "元に戻す",
    keys: "キー: N 別の顔、K とっておく、W 散歩、S 保存。一覧とスライダーは矢印キー。",
    about: "この生成器について",
    caption: (face, seed) => `シード ${seed} の ${face} 番の顔`,
    ownCaption: "番号のない顔",
    changed: (text) => `${text}(変更あり)`,
    choose: (i) => `一覧の顔 ${i}`,
    loading: (megabytes, of) => `読み込み中 ${megabytes} / ${of} MB`,
    starting: "準備中",
    drawnBy: (processor, version) => `${processor} で描画 · illust-gan ${version}`,
    failed: (why) => `このブラウザでは顔を描けません(${why})。新しいブラウザをお試しください。`,
    direction: (i) => `方向 ${i}`,
    directions: {
      "light hair": "髪の明るさ",
      "orange hair": "髪のオレンジ",
      "purple hair": "髪の紫",
      "blue hair": "髪の青",
      "fair skin": "肌の白さ",
      "open eyes": "目の開き",
      "open mouth": "口の開き",
      "blue background": "背景の青",
    },
  },
};

export let words = WORDS.en;
let language = "en";

/** The language that was chosen here last, or else the browser's. */
export function firstLanguage() {
  let chosen = null;
  try {
    chosen = localStorage.getItem("illust-gan-language");
  } catch {
    // Where nothing may be stored, nothing was.
  }
  if (chosen in WORDS) return chosen;
  return navigator.language.toLowerCase().startsWith("ja") ? "ja" : "en";
}

/** Say all that stands in the page in a language. */
export function speak(name) {
  language = name;
  words = WORDS[name];
  document.documentElement.lang = name;
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = words[element.dataset.word];
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", words[element.dataset.label]);
  }
  const button = document.getElementById("language");
  button.textContent = words.other;
  button.lang = name === "ja" ? "en" : "ja";
}

/** Speak the other language from now on. */
export function speakOther() {
  speak(language === "ja" ? "en" : "ja");
  try {
    localStorage.setItem("illust-gan-language", language);
  } catch {
    // It is asked again next time.
  }
}

/** A direction's name, which its file says in one language only. */
export function directionName(name) {
  const numbered = /^(?:sefa|ganspace)-(\d+)$/.exec(name);
  return numbered ? words.direction(numbered[1]) : (words.directions[name] ?? name);
}
