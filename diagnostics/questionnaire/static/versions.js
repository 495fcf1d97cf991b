// Versions: a bare number as the About pages show it, and what a browser says of itself.

const PHONES = ["android", "ios", "harmony"];

function parts(text) {
  return /^(?:0|[1-9]\d{0,5})(?:\.(?:0|[1-9]\d{0,5})){0,3}$/.test(text) ? text.split(".").map(Number) : null;
}

// Returns the version of WeChat that a bare number names, or null where it can be none.
function readWechat(text) {
  const number = parts(text);
  if (!number || number.length < 2 || number[0] < 2 || number[0] > 8 || number[1] > 9) return null;
  const [first, , third] = number;
  if (number.length === 2) return first >= 5 ? text : null;
  if (number.length === 3 && ((third >= 256 && first >= 8) || (third >= 1900 && third <= 2099))) return null;
  if (number.length === 4 && isAddress(number)) return null;
  if (number.length === 3 && third > (first < 8 ? 99 : 255)) return (first >= 6 ? [first, number[1], 0] : number.slice(0, 2)).join(".");
  return (first <= 4 ? number : number.slice(0, 3)).join(".");
}

function isAddress(number) {
  if (Math.max(...number) > 255) return false;
  return new Set(number).size === 1 || ["8.8.4.4", "4.2.2.1", "4.2.2.2"].indexOf(number.join(".")) >= 0;
}

// Returns the version of the system that a bare number names, or null where it can be none.
function readSystem(text) {
  const number = parts(text);
  if (!number || number[0] < 1 || number[0] > 40) return null;
  const wechats = number.length > 2 && (number[0] === 7 || number[0] === 8) && number[1] === 0 && number[2] > 6;
  return wechats ? null : text;
}

const READERS = { "wechat.version": readWechat, "os.version": readSystem };

// Takes what was typed to a bare number: full-width signs, spaces and the words around a version go. Null: not readable.
function tidy(id, typed) {
  const plain = typed.normalize("NFKC").replace(/[。．·点]/g, ".").replace(/\s*\.\s*/g, ".").trim().toLowerCase();
  const words = /^(?:微信|wechat|weixin|安卓|android|苹果|ios|iphone|系统|手机|版本号?|version|v|是|为|:|=|\s)+/;
  const bare = plain.replace(words, "").replace(/\s*\([0-9a-z]+\)$/, "");
  const read = READERS[id];
  return read ? (read(bare) === null ? null : bare) : bare || null;
}

// Reads the user agent: the system, its version and WeChat's, each only where the browser tells it truly.
function readAgent(agent) {
  const lower = agent.toLowerCase(), found = {};
  const platform = /openharmony/.test(lower) ? "harmony" : /windows phone/.test(lower) ? null :
    /iphone|ipad|ipod/.test(lower) ? "ios" : /android/.test(lower) && !/windowswechat|unifiedpc/.test(lower) ? "android" : null;
  if (!platform) return found;
  found["client.platform"] = platform;
  const system = { android: /android (\d{1,2}(?:\.\d{1,2}){0,2})(?![\d.]|; k\))/, ios: /(?:iphone os|cpu os) (\d{1,2}(?:_\d{1,2}){0,2})/,
    harmony: /openharmony (\d{1,2}(?:\.\d{1,2}){0,2})/ }[platform].exec(lower);
  if (system && readSystem(system[1].replace(/_/g, "."))) found["os.version"] = system[1].replace(/_/g, ".");
  const client = /micromessenger\/\s?(\d{1,4}(?:\.\d{1,6}){1,3})(?:\s?\(0x([0-9a-f]{8})\))?/.exec(lower);
  if (!client || /wxwork|wecom|wechatdevtools/.test(lower)) return found;
  const code = client[2] && platform !== "harmony" ? parseInt(client[2], 16) : 0;
  const head = { ios: 1, android: 2 }[platform];
  const coded = code >>> 28 === head ? [(code >>> 24) & 15, (code >>> 16) & 255, (code >>> 8) & 255].join(".") : client[1];
  if (readWechat(coded)) found["wechat.version"] = platform === "harmony" ? coded : readWechat(coded);
  return found;
}
