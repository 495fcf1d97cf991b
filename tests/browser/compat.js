// Lists what the page's script and style use that Chromium 66 or Safari 12 do not have, by MDN's compatibility data.
// node compat.js ACORN WALK DATA SCRIPT STYLE NAMES: the names are those of the page's own data

const fs = require("fs");
const [acorn, walk, data, script, style, names] = process.argv.slice(2);
const OLDEST = { chrome: 66, safari: 12 };
const tree = require(acorn).parse(fs.readFileSync(script, "utf8"), { ecmaVersion: 2018, sourceType: "script" });
const known = JSON.parse(fs.readFileSync(data, "utf8"));

function since(support) {
  const first = [].concat(support).find((one) => one.version_added && !one.flags && !one.prefix && !one.version_removed);
  return first ? parseFloat(String(first.version_added).replace("≤", "")) || 0 : Infinity;
}

function old(compat) {
  return Object.keys(OLDEST).every((name) => since(compat.support[name] || { version_added: false }) <= OLDEST[name]);
}

// every name of a member or a global, with whether any of those so called is old enough
const members = new Map(), globals = new Map();
function note(map, name, compat) {
  if (compat) map.set(name, map.get(name) || old(compat));
}
for (const [kind, interfaces] of [["api", known.api], ["builtins", known.javascript.builtins]]) {
  for (const [name, one] of Object.entries(interfaces)) {
    note(globals, name, one.__compat);
    for (const [member, inner] of Object.entries(one)) {
      if (member === "__compat") continue;
      note(members, member.replace(/_(static|event)$/, ""), inner.__compat);
      if (kind === "api" && (name === "Window" || name === "WindowOrWorkerGlobalScope")) note(globals, member, inner.__compat);
    }
  }
}

const own = new Set(JSON.parse(fs.readFileSync(names, "utf8"))), acts = new Set(), declared = new Set(), faults = new Set();
const GUARDED = new Set(["share", "clipboard", "writeText"]); // asked for before it is used
const walker = require(walk);
walker.full(tree, (node) => {
  if (node.type === "Property" || node.type === "MethodDefinition") {
    own.add(node.key.name || node.key.value);
    if (node.value && /Function/.test(node.value.type)) acts.add(node.key.name || node.key.value);
  }
  if (node.type === "VariableDeclarator" || node.type === "FunctionDeclaration" || node.type === "ClassDeclaration") {
    if (node.id.name) declared.add(node.id.name);
  }
});
walker.full(tree, (node) => {
  if (node.type === "MemberExpression" && !node.computed) {
    const name = node.property.name;
    if (members.get(name) === false && !own.has(name) && !GUARDED.has(name)) faults.add(`.${name}`);
  }
  if (node.type === "CallExpression" && node.callee.type === "MemberExpression" && !node.callee.computed) {
    const name = node.callee.property.name;
    if (members.get(name) === false && !acts.has(name) && !GUARDED.has(name)) faults.add(`.${name}()`);
  }
  if (node.type === "Identifier" && !declared.has(node.name) && globals.get(node.name) === false) faults.add(node.name);
  if (node.type === "Literal" && node.regex && /\(\?<[=!]/.test(node.regex.pattern)) faults.add(`/${node.regex.pattern}/`);
});

const HARMLESS = new Set(["accent-color", "color-scheme", "appearance", "text-size-adjust", "overflow-wrap", "outline", "user-select"]);
const css = fs.readFileSync(style, "utf8");
for (const [, name] of css.matchAll(/[{;]\s*([a-z-]+)\s*:/g)) {
  const property = known.css.properties[name];
  if (property && !old(property.__compat) && !HARMLESS.has(name)) faults.add(`${name}:`);
}
for (const [name] of css.matchAll(/:(?:focus-visible|is|where|has)\b|\b(?:gap|inset|aspect-ratio)\s*:|\b(?:min|max|clamp)\(/g)) faults.add(name);
process.stdout.write(JSON.stringify([...faults].sort()));
