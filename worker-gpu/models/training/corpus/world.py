"""The people, works, towns and firms of one prompt, and how they are linked."""
from .names import FEMALE, MALE
from .words import load

_WORDS = load("world")
_KINDS = ["film", "novel", "album", "person", "person", "firm", "college", "town"]
WORKS = ("film", "novel", "album")
_SHARED_KINDS = ("town", "firm", "college")
_FIRM_FORMS = ["Works", "Brothers", "House", "Press", "Group", "Company", "Union", "Partners"]
_COLLEGE_FORMS = [" College", " College", " Academy", " Institute"]
_LIFE = ["birth_town", "birth_town", "college", "spouse", "parents", "sibling", "employer", "moved", "award", "mentor", "death"]


class Thing:
    """An entity. attributes: name -> text or another Thing. sentences: what its passage says (see passages.py)."""

    __slots__ = ("kind", "name", "female", "surname", "attributes", "described", "sentences")

    def __init__(self, kind, name, female=False, surname=None):
        self.kind, self.name, self.female, self.surname = kind, name, female, surname
        self.attributes, self.described, self.sentences = {}, False, None


def text_of(value):
    return value.name if isinstance(value, Thing) else value


class World:
    """Draws count linked things; a passage describes each of them.

    The order of random draws is part of the format: it determines the world of a seed.
    """

    def __init__(self, rng, pools, count):
        self.rng, self.pools = rng, pools
        self.things, self.described, self._names = [], [], set()
        main_kind = rng.choice(_KINDS)
        self._describe(self._new(main_kind))
        if count > 3 or rng.random() < .5:
            self._describe(self._new(main_kind))
        while len(self.described) < count:
            if rng.random() < .82:  # follows a link of a passage, for two-hop questions
                source = rng.choice(self.described)
                targets = [v for v in source.attributes.values()
                           if isinstance(v, Thing) and not v.described and v.kind != "river"]
                if targets:
                    self._describe(rng.choice(targets))
                    continue
            self._describe(self._new(main_kind if rng.random() < .5 else rng.choice(_KINDS)))
        rng.shuffle(self.described)

    # ------------------------------------------------------------ new things

    def _unused(self, make_name):
        while True:
            name = make_name()
            if name not in self._names:
                self._names.add(name)
                return name

    def _new(self, kind, female=None, surname=None):
        thing = self._new_person(female, surname) if kind == "person" else Thing(kind, self._unused(getattr(self, f"_{kind}_name")))
        self.things.append(thing)
        return thing

    def _new_person(self, female, surname):
        rng = self.rng
        if female is None:
            female = rng.random() < .5
        people = [t for t in self.things if t.kind == "person"]

        def full_name():
            if surname:
                last = surname
            elif people and rng.random() < .06:
                last = rng.choice(people).surname
            else:
                last = rng.choice(self.pools.surnames)
            return f"{rng.choice(FEMALE if female else MALE)} {last}"

        name = self._unused(full_name)
        return Thing("person", name, female, name.split(" ")[1])

    def _title(self):
        rng, kind = self.rng, self.rng.random()
        if kind < .6:
            return "The %s %s" % rng.choice(self.pools.described_nouns)
        if kind < .8:
            return "%s %s" % rng.choice(self.pools.described_nouns)
        return ("The %s and the %s" if kind < .9 else "%s of the %s") % rng.choice(self.pools.noun_pairs)

    _film_name = _novel_name = _album_name = _title

    def _town_name(self):
        return self.rng.choice(self.pools.towns)

    def _river_name(self):
        return self.rng.choice(self.pools.rivers)

    def _firm_name(self):
        return f"{self.rng.choice(self.pools.firms)} {self.rng.choice(_FIRM_FORMS)}"

    def _college_name(self):
        return self.rng.choice(self.pools.surnames) + self.rng.choice(_COLLEGE_FORMS)

    def _linked(self, kind):
        """A thing to link to. An existing one is sometimes reused, so that things share attributes."""
        if kind in _SHARED_KINDS and self.rng.random() < .2:
            same = [t for t in self.things if t.kind == kind]
            if same:
                return self.rng.choice(same)
        return self._new(kind)

    # ------------------------------------------------------------ attributes

    def _describe(self, thing):
        thing.described = True
        self.described.append(thing)
        getattr(self, f"_fill_{thing.kind}")(thing, thing.attributes.setdefault)

    def _year(self, first, last):
        return str(self.rng.randint(first, last))

    def _maybe(self, share, put, attribute, kind):
        if self.rng.random() < share:
            put(attribute, self._linked(kind))

    def _birth_year(self, person):
        """A year consistent with the relatives and works of the person."""
        rng = self.rng
        year = rng.randint(1820, 1945)
        own = person.attributes
        for other in self.things:
            theirs = other.attributes
            born = int(theirs.get("birth_year", 0))
            if born and person in (theirs.get("father"), theirs.get("mother")):
                year = born - rng.randint(21, 42)
            elif born and other in (own.get("father"), own.get("mother")):
                year = born + rng.randint(21, 42)
            elif born and other in (own.get("brother"), own.get("sister"), own.get("spouse")):
                year = born + rng.randint(-12, 12)
            elif "year" in theirs and person in theirs.values() and other.kind != "town":
                year = int(theirs["year"]) - rng.randint(22, 55)
        return min(max(year, 1800), 1950)

    def _fill_person(self, person, put):
        rng, attributes = self.rng, person.attributes
        put("occupation", rng.choice(self._occupations(person)))
        put("birth_year", str(self._birth_year(person)))
        life = _LIFE[:]
        rng.shuffle(life)
        life = set(life[:rng.randint(5, 7)])
        for attribute, kind in (("birth_town", "town"), ("college", "college"), ("employer", "firm"), ("moved", "town")):
            if attribute in life:
                put(attribute, self._linked(kind))
        if "award" in life:
            put("award", rng.choice(_WORDS["awards"]))
        if "mentor" in life:
            put("mentor", self._new("person"))
        if "spouse" in life and "spouse" not in attributes:
            attributes["spouse"] = self._new("person", female=not person.female)
            attributes["spouse"].attributes["spouse"] = person
        if "parents" in life:
            self._add_parents(person)
        if "sibling" in life and "brother" not in attributes and "sister" not in attributes:
            self._add_sibling(person)
        if "death" in life:
            attributes["death_year"] = str(min(int(attributes["birth_year"]) + rng.randint(40, 85), 1990))
            attributes["death_town"] = self._linked("town")

    def _occupations(self, person):
        roles = {role for thing in self.things if thing.kind in WORKS
                 for role, value in thing.attributes.items() if value is person}
        for role, occupations in _WORDS["role_occupations"].items():
            if role in roles:
                return occupations
        return _WORDS["occupations"]

    def _add_parents(self, person):
        rng, attributes = self.rng, person.attributes
        if "father" not in attributes and rng.random() < .8:
            attributes["father"] = self._new("person", False, person.surname)
        if "mother" not in attributes and rng.random() < .7:
            attributes["mother"] = self._new("person", True, person.surname if rng.random() < .5 else None)
        father, mother = attributes.get("father"), attributes.get("mother")
        if father and mother:
            father.attributes["spouse"], mother.attributes["spouse"] = mother, father

    def _add_sibling(self, person):
        female = self.rng.random() < .5
        sibling = self._new("person", female, person.surname)
        person.attributes["sister" if female else "brother"] = sibling
        sibling.attributes["sister" if person.female else "brother"] = person
        for parent in ("father", "mother"):
            if parent in person.attributes:
                sibling.attributes[parent] = person.attributes[parent]

    def _fill_film(self, film, put):
        put("genre", self.rng.choice(_WORDS["genres"]))
        put("year", self._year(1925, 1990))
        put("director", self._new("person"))
        self._maybe(.6, put, "star", "person")
        self._maybe(.45, put, "music", "person")
        self._maybe(.6, put, "studio", "firm")
        self._maybe(.6, put, "shot", "town")

    def _fill_novel(self, novel, put):
        put("genre", self.rng.choice(_WORDS["genres"]))
        put("year", self._year(1850, 1990))
        put("author", self._new("person"))
        put("publisher", self._linked("firm"))
        self._maybe(.7, put, "setting", "town")

    def _fill_album(self, album, put):
        put("genre", self.rng.choice(_WORDS["music"]))
        put("year", self._year(1945, 1990))
        put("performer", self._new("person"))
        put("label", self._linked("firm"))
        self._maybe(.7, put, "producer", "person")

    def _fill_town(self, town, put):
        put("region", self.rng.choice(_WORDS["regions"]))
        put("river", self._new("river"))
        put("mayor", self._new("person"))
        put("year", self._year(1800, 1900))
        put("people", "%d,%d00" % (self.rng.randint(2, 90), self.rng.randint(0, 9)))

    def _fill_firm(self, firm, put):
        put("product", self.rng.choice(_WORDS["products"]))
        put("year", self._year(1830, 1990))
        put("founder", self._new("person"))
        put("seat", self._linked("town"))
        self._maybe(.6, put, "head", "person")

    def _fill_college(self, college, put):
        put("year", self._year(1800, 1960))
        put("seat", self._linked("town"))
        put("founder", self._new("person"))
        self._maybe(.6, put, "head", "person")
