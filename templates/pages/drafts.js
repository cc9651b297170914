// Drafts of long forms, so that a lost signal loses no words: kept in this browser alone, for this login alone, and gone once the
// form was taken or somebody logs out. Passwords, files and the form's token are never kept. No page needs this.
"use strict";
(() => {
  const START = "gongdao-draft:";
  const SENT = "gongdao-sent";
  const leave = document.querySelector("form[data-drafts]");
  const mark = leave ? leave.dataset.drafts : "";
  const keys = () => Object.keys(localStorage).filter((key) => key.startsWith(START));
  const forget = (wanted) => keys().filter(wanted).forEach((key) => localStorage.removeItem(key));
  const kept = (field) => field.name && field.name !== "form" && !["password", "file", "hidden", "submit", "button"].includes(field.type);

  /** What somebody put in, by the names of the fields. */
  function read(form) {
    const found = [];
    for (const field of form.elements) {
      if (!kept(field)) continue;
      if (["radio", "checkbox"].includes(field.type)) {
        if (field.checked) found.push([field.name, field.value]);
      } else if (field.value !== field.defaultValue) found.push([field.name, field.value]);
    }
    return found;
  }

  /** Only what is empty is filled in: what the server wrote is newer. */
  function fill(form, found) {
    let count = 0;
    for (const [name, value] of found) {
      for (const field of form.elements) {
        if (field.name !== name || !kept(field)) continue;
        if (["radio", "checkbox"].includes(field.type)) {
          if (field.value === value && !field.checked) { field.checked = true; count += 1; }
        } else if (!field.value && value) { field.value = value; count += 1; }
      }
    }
    return count;
  }

  function say(form, text) {
    let note = form.querySelector("[data-note]");
    if (!note) {
      note = document.createElement("p");
      note.dataset.note = "";
      note.setAttribute("role", "status");
      note.className = "late";
      form.prepend(note);
    }
    note.textContent = text;
  }

  function follow(form) {
    const key = `${START}${mark}:${location.pathname}:${form.dataset.draft}`;
    const held = localStorage.getItem(key);
    if (held && fill(form, JSON.parse(held)) && form.dataset.restored) say(form, form.dataset.restored);
    let waiting = 0;
    const keep = () => {
      const found = read(form);
      if (found.length) localStorage.setItem(key, JSON.stringify(found));
      else localStorage.removeItem(key);
    };
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(keep, 300);
    });
    form.addEventListener("submit", (event) => {
      clearTimeout(waiting);
      keep();
      if (navigator.onLine === false) {
        event.preventDefault();
        if (form.dataset.offline) say(form, form.dataset.offline);
      } else sessionStorage.setItem(SENT, key);
    });
    return key;
  }

  try {
    if (!mark) return;
    // What another login left behind, if its browser was closed without logging out.
    forget((key) => !key.startsWith(`${START}${mark}:`));
    const sent = sessionStorage.getItem(SENT);
    sessionStorage.removeItem(SENT);
    const forms = [...document.querySelectorAll("form[data-draft]")];
    const here = (key) => forms.some((form) => key === `${START}${mark}:${location.pathname}:${form.dataset.draft}`);
    // The form was taken where the answer says so, or is another page than the form's.
    if (sent && (document.querySelector("[data-done]") || !here(sent))) localStorage.removeItem(sent);
    leave.addEventListener("submit", () => {
      forget(() => true);
      sessionStorage.removeItem(SENT);
    });
    forms.forEach(follow);
  } catch {
    // A browser that keeps nothing: the forms work as they do without this.
  }
})();
