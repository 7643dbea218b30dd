// The two things that a page cannot do without a script: compare what was pasted, and search.
// Text goes into the page as text (textContent) and never as markup. Nothing that is typed leaves the page.
(function () {
  "use strict";

  var root = new URL("..", document.currentScript.src);

  function element(name, className, text) {
    var made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function say(place, text) {
    // What has not changed is not read out again.
    if (place.textContent !== text) place.textContent = text;
  }

  function groups(text) {
    return text.match(/.{1,4}/g) || [];
  }

  function list(numbers) {
    if (numbers.length < 2) return numbers.join("");
    return numbers.slice(0, -1).join(", ") + " and " + numbers[numbers.length - 1];
  }

  // --------------------------------------------------------------------------------------------------------------------
  // Comparing

  var LENGTH = 56;
  var AROUND = ">`*\"'()<[]{}|,;:.!?\u00ab\u00bb\u2018\u2019\u201c\u201d\u201e";

  // White_Space of Unicode, which is not quite what \s is.
  var SPACES = /[\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
  var SPACE_IN_LINE = /[\u0009\u000b\u000c\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

  function isId(text) {
    return text.length === LENGTH && /^sigp[A-Za-z0-9_-]*$/.test(text);
  }

  function bare(piece) {
    var start = 0;
    var end = piece.length;
    while (start < end && AROUND.indexOf(piece[start]) >= 0) start += 1;
    while (end > start && AROUND.indexOf(piece[end - 1]) >= 0) end -= 1;
    return piece.slice(start, end);
  }

  // Pieces of each line (CMP-11).
  function pieces(text) {
    var clean = text
      .replace(/[\u00ad\u200b\u200c\u200d\u2060\ufeff]/g, "")
      .replace(/[\u2010-\u2015\u2212]/g, "-");
    var found = [];
    clean.split(/[\n\r]/).forEach(function (line) {
      var of_line = line.split(SPACE_IN_LINE).map(bare).filter(function (piece) { return piece !== ""; });
      // The number of a line of groups: digits anywhere else are part of an id.
      if (of_line.length > 0 && /^(0?[1-9]|1[0-4])$/.test(of_line[0])) of_line.shift();
      of_line.forEach(function (piece, at) {
        found.push({ text: piece, isLast: at === of_line.length - 1 });
      });
    });
    return found;
  }

  // All ids in a text (CMP-11), and the longest beginning of one.
  function idsIn(text) {
    var all = pieces(text);
    var ids = [];
    var begun = "";
    all.forEach(function (first, from) {
      if (first.text.slice(0, 4) !== "sigp") return;
      var run = "";
      var isBroken = false;
      for (var at = from; at < all.length && run.length < LENGTH; at += 1) {
        var piece = all[at];
        if (run.length + piece.text.length > LENGTH && run.length > 0) break;
        run += piece.text;
        isBroken = !piece.isLast && piece.text.length % 4 !== 0;
        if (isBroken || run.length === LENGTH) break;
      }
      if (!isBroken && isId(run)) {
        if (ids.indexOf(run) < 0) ids.push(run);
      } else if (run.length > begun.length) {
        begun = run;
      }
    });
    return { ids: ids, begun: begun };
  }

  // The words in a text (CMP-4), or null if it holds anything else.
  function wordsIn(text) {
    var words = text.split(SPACES).filter(function (piece) {
      return piece !== "" && !/^[0-9]+[.):]?$/.test(piece);
    }).map(function (piece) {
      return piece.replace(/[,;.]$/, "").toLowerCase();
    });
    var are = words.length >= 6 && words.every(function (word) { return /^[a-z]{3,8}$/.test(word); });
    return are ? words : null;
  }

  function verdict(place, kind, sign, text) {
    place.className = "verdict " + kind;
    if (place.textContent === sign + " " + text) return;
    place.textContent = "";
    place.appendChild(element("span", "sign", sign));
    place.appendChild(document.createTextNode(" " + text));
  }

  function cells(place, given, differs, ours) {
    place.textContent = "";
    if (!given) return;
    var grid = element("ol", "cells");
    grid.setAttribute("lang", "zxx");
    grid.setAttribute("translate", "no");
    given.forEach(function (group, at) {
      var cell = element("li", differs[at] ? "differs" : "");
      cell.appendChild(element("span", "group", group));
      cell.appendChild(document.createTextNode(" "));
      cell.appendChild(element("span", "sign", differs[at] ? "≠" : "="));
      if (differs[at]) {
        cell.appendChild(document.createTextNode(" "));
        cell.appendChild(element("span", "here", ours[at]));
      }
      grid.appendChild(cell);
    });
    if (differs.indexOf(true) >= 0) place.appendChild(element("p", "soft", "What you gave; below what differs, what this page has:"));
    place.appendChild(grid);
  }

  function compareParts(place, difference, ours, theirs, what) {
    var differs = [];
    var wrong = [];
    for (var at = 0; at < Math.max(ours.length, theirs.length); at += 1) {
      differs[at] = ours[at] !== theirs[at];
      if (differs[at]) wrong.push(at + 1);
    }
    if (wrong.length === 0) {
      verdict(place, "same", "=", "Equal: all " + ours.length + " " + what + "s. If you have what you gave from the maintainer, and by another way than this registry, the two agree.");
    } else {
      verdict(place, "other", "≠", "Different in " + wrong.length + " of " + ours.length + " " + what + "s: " + list(wrong) + ". Do not trust either before you know why.");
    }
    cells(difference, theirs, differs, ours);
  }

  function compare(text, id, words, place, difference) {
    if (text.trim() === "") {
      place.className = "verdict";
      say(place, "");
      cells(difference, null);
      return;
    }
    var found = idsIn(text);
    if (found.ids.length === 1) {
      compareParts(place, difference, groups(id), groups(found.ids[0]), "group");
      return;
    }
    cells(difference, null);
    if (found.ids.length > 1) {
      verdict(place, "none", "?", "There are " + found.ids.length + " different ids in this text. Paste one of them.");
      return;
    }
    var given = found.begun === "" ? wordsIn(text) : null;
    if (given && given.length === words.length) {
      // Four letters tell the words of the list apart.
      var theirs = given.map(function (word, at) {
        return word.length >= 4 && words[at].slice(0, word.length) === word ? words[at] : word;
      });
      compareParts(place, difference, words, theirs, "word");
      return;
    }
    var why = "There is no id in this text. An id has 56 characters and begins with sigp.";
    if (given) why = "Of " + words.length + " words, " + given.length + " are here. Nothing is compared before it is whole.";
    else if (found.begun !== "" && found.begun.length < LENGTH) why = "Of 56 characters, " + found.begun.length + " are here. Nothing is compared before it is whole.";
    else if (found.begun !== "") why = "What begins with sigp here is no id: it has " + found.begun.length + " characters, or one that no id has.";
    verdict(place, "none", "?", why);
  }

  function setUpComparing() {
    var box = document.getElementById("compare");
    if (!box) return;
    var id = document.getElementById("whole").textContent;
    var words = Array.prototype.map.call(document.querySelectorAll("#words li"), function (word) {
      return word.textContent;
    });
    var given = document.getElementById("given");
    var place = document.getElementById("verdict");
    var difference = document.getElementById("difference");
    var run = function () { compare(given.value, id, words, place, difference); };
    given.addEventListener("input", run);
    box.hidden = false;
    // A browser may have kept what was typed before.
    run();
  }

  // --------------------------------------------------------------------------------------------------------------------
  // Searching

  // Of 16 kB each.
  var MOST_FILES = 4;
  var MOST_SHOWN = 50;
  var loaded = {};

  function load(path) {
    if (!loaded[path]) {
      loaded[path] = fetch(new URL(path, root)).then(function (answer) {
        if (!answer.ok) throw new Error(path + ": " + answer.status);
        return answer.json();
      });
      loaded[path].catch(function () { delete loaded[path]; });
    }
    return loaded[path];
  }

  function fold(text) {
    return text.toLowerCase().replace(/[^a-z0-9]/g, "");
  }

  function rank(entry, query) {
    var name = fold(entry[0]);
    return name === query ? 0 : name.indexOf(query) === 0 ? 1 : 2;
  }

  function find(query) {
    return load("find/index.json").then(function (beginnings) {
      var files = beginnings.filter(function (file) {
        // Behind a dot there is the number of a part.
        var beginning = file.split(".")[0];
        return query.indexOf(beginning) === 0 || beginning.indexOf(query) === 0;
      });
      var some = files.slice(0, MOST_FILES);
      return Promise.all(some.map(function (beginning) {
        return load("find/n-" + beginning + ".json");
      })).then(function (lists) {
        var seen = {};
        var found = [];
        lists.forEach(function (entries) {
          entries.forEach(function (entry) {
            if (seen[entry[3]] || fold(entry[0]).indexOf(query) < 0) return;
            seen[entry[3]] = true;
            found.push(entry);
          });
        });
        found.sort(function (one, other) {
          return rank(one, query) - rank(other, query) || (fold(one[0]) < fold(other[0]) ? -1 : 1);
        });
        return { found: found, isAll: some.length === files.length };
      });
    });
  }

  function show(results, status, answer) {
    results.textContent = "";
    var names = {};
    answer.found.forEach(function (entry) {
      var name = entry[0].toLowerCase();
      names[name] = (names[name] || 0) + 1;
    });
    answer.found.slice(0, MOST_SHOWN).forEach(function (entry) {
      if (!isId(entry[3])) return;
      var item = element("li");
      var link = element("a", "", entry[1] ? entry[0] + " [" + entry[1] + "]" : entry[0]);
      link.href = new URL("s/" + entry[3] + ".html", root).href;
      item.appendChild(link);
      if (entry[2]) item.appendChild(element("span", "soft", " " + entry[2]));
      if (names[entry[0].toLowerCase()] > 1) item.appendChild(element("span", "badge bad", "one of " + names[entry[0].toLowerCase()] + " of this name"));
      results.appendChild(item);
    });
    var count = answer.found.length;
    if (!answer.isAll || count > MOST_SHOWN) say(status, "More than " + Math.min(count, MOST_SHOWN) + " found. Type more of the name.");
    else if (count === 0) say(status, "Nothing found. A package that is not here is not signed, as far as this directory knows.");
    else say(status, count === 1 ? "1 found." : count + " found.");
  }

  function setUpSearching() {
    var finder = document.getElementById("finder");
    if (!finder) return;
    var input = document.getElementById("query");
    var status = document.getElementById("found");
    var results = document.getElementById("results");
    var latest = 0;
    var run = function () {
      var query = fold(input.value);
      latest += 1;
      var mine = latest;
      if (query.length < 2) {
        results.textContent = "";
        say(status, query === "" ? "" : "Type two characters or more.");
        return;
      }
      find(query).then(function (answer) {
        if (mine === latest) show(results, status, answer);
      }, function () {
        if (mine !== latest) return;
        results.textContent = "";
        say(status, location.protocol === "file:" ? "The search needs a web server; from a disk, browse by letter." : "The list of names cannot be loaded. Browse by letter instead.");
      });
    };
    input.addEventListener("input", run);
    finder.hidden = false;
    run();
  }

  setUpComparing();
  setUpSearching();
})();
