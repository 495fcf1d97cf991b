document.documentElement.className = "js";
window.onerror = function () { document.documentElement.className = ""; };
