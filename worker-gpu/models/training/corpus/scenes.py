"""Topics of chats. Each scene is a short dialogue with four summaries of one sentence.

Words in braces are slots of the scene; {open} and {end} are drawn per line.
"""
from .words import load

_WORDS = load("chats")
_OPENINGS = ["hey", "hi", "hello", "hey there", "hi you", "good morning", "yo", "psst"]
_ENDINGS = ["great", "perfect", "cool", "thanks", "super", "ok great", "lovely", "thanks a lot", "see you", "bye", "fine", ":)"]
_KEYS = ["under the mat", "with the neighbour", "in the blue pot", "behind the shed", "on the window sill", "in the letter box"]


class _Drawn(dict):
    def __init__(self, rng, slots):
        super().__init__(slots)
        self._rng = rng

    def __missing__(self, key):
        return self._rng.choice({"open": _OPENINGS, "end": _ENDINGS}[key])


class Scene:
    """Builds a dialogue between A and B that may mention C."""

    def __init__(self, rng, a, b, c):
        self.rng = rng
        self.lines = []
        self.slots = dict(A=a, B=b, C=c)

    def draw(self, slot, words):
        self.slots[slot] = self.rng.choice(words)
        return self.slots[slot]

    def changes_mind(self, slot, words):
        """With probability .4 another value is proposed first, in the slot {wrong}."""
        if self.rng.random() < .4:
            self.slots["wrong"] = self.rng.choice(words)
            return self.slots["wrong"] != self.slots[slot]
        return False

    def say(self, speaker, *forms):
        form = self.rng.choice(forms) if len(forms) > 1 else forms[0]
        self.lines.append((self.slots[speaker], form.format_map(_Drawn(self.rng, self.slots))))

    def set(self, **slots):
        self.slots.update(slots)

    def sums(self, *forms):
        return [form.format_map(self.slots) for form in forms]


def _without_article(words):
    return words.split(" ", 1)[1]


def _capital(words):
    return words[0].upper() + words[1:]


def meeting(s):
    s.draw("place", _WORDS["places"])
    day = s.draw("day", _WORDS["days"])
    s.draw("time", _WORDS["times"])
    other_time = s.changes_mind("time", _WORDS["times"])
    s.say("A", "{open}, shall we meet {day}?", "{open}! do you have time {day}?", "{open}, are you free {day}?")
    s.say("B", "sure, where?", "yes! where?", "I think so, where do you want to meet?")
    s.say("A", "{place}?", "how about {place}?", "let's say {place}")
    if other_time:
        s.say("A", "{wrong}?")
        s.say("B", "hmm, {time} is better", "can't then, make it {time}", "too soon for me. {time}?")
        s.say("A", "no problem", "ok", "fine with me")
    else:
        s.say("B", "good, when?", "ok, what time?")
        s.say("A", "{time}")
        s.say("B", "{end}")
    s.set(Day=_capital(day))
    return s.sums(
        "{A} and {B} will meet at {place} {day} {time}.",
        "{Day} {time}, {A} and {B} are meeting at {place}.",
        "{A} asks {B} to meet at {place}. They agree on {day} {time}.",
        "{A} tells {B} to come to {place} {day} {time}.")


def loan(s):
    thing = s.draw("thing", _WORDS["things"])
    day = s.draw("day", _WORDS["days"])
    task = s.rng.choice(_WORDS["tasks"])
    s.set(bare=_without_article(thing), Day=_capital(day), **task)
    other_day = s.changes_mind("day", _WORDS["days"])
    s.say("A", "{open}, can I borrow your {bare}?", "{open}! could you lend me your {bare}?",
          "{open}, do you still have your {bare}? I need it")
    s.say("B", "what for?", "sure, why?", "maybe, what do you need it for?")
    s.say("A", "I want to {to}", "I have to {to}", "I promised to {to}")
    if other_day:
        s.say("A", "can I have it {wrong}?")
        s.say("B", "I need it myself then. {day} is ok", "no, but {day} works")
    else:
        s.say("B", "ok, you can have it {day}", "fine, come and get it {day}", "I can bring it {day}")
    s.say("A", "{end}")
    return s.sums(
        "{B} will lend {A} a {bare} {day}.",
        "{Day}, {B} is lending {A} a {bare} for {ing}.",
        "{A} wants to {to} and needs a {bare}. {B} lends it {day}.",
        "{B} tells {A} that the {bare} is free {day}.")


def excuse(s):
    event = s.draw("event", _WORDS["events"])
    s.set(**s.rng.choice(_WORDS["troubles"]))
    s.draw("day", _WORDS["days"])
    s.set(bare=_without_article(event))
    s.say("A", "{open}, I can't come to the {bare}", "{open}, bad news, I will miss the {bare}",
          "{open}, sorry, I have to skip the {bare}")
    s.say("B", "oh no, why?", "what happened?", "really? why?")
    s.say("A", "{said}")
    s.say("B", "what a pity", "poor you", "I see")
    s.say("A", "can we meet {day} instead?", "let's do something {day}, ok?", "I could see you {day}")
    s.say("B", "{end}")
    return s.sums(
        "{A} will miss the {bare} because {A} {told}.",
        "As {A} {told}, {A} is skipping the {bare} and is seeing {B} {day}.",
        "{A} {told} and cannot come to the {bare}. {B} will see {A} {day}.",
        "{A} tells {B} that the {bare} is off for {A}, who {told}.")


def shopping(s):
    items = s.rng.sample(_WORDS["wares"], 3)
    time = s.draw("time", _WORDS["times"])
    one_less = s.rng.random() < .4
    s.set(one=items[0], two=items[1], three=items[2], Time=_capital(time))
    s.say("A", "{open}, are you at the shop?", "{open}, are you still in town?", "{open}, could you buy a few things?")
    s.say("B", "yes, what do you need?", "yep, tell me", "sure, what?")
    s.say("A", "{one}, {two} and {three} please", "we need {one}, {two} and {three}", "please get {one}, {two} and {three}")
    if one_less:
        s.set(gone=items.pop(s.rng.randrange(3)))
        s.say("A", "oh wait, no {gone}, we have some", "forget the {gone}", "sorry, leave out the {gone}")
    s.say("B", "ok, I will be home {time}", "alright, back {time}", "noted. home {time}")
    s.say("A", "{end}")
    s.set(list=", ".join(items[:-1]) + " and " + items[-1])
    return s.sums(
        "{B} will buy {list} and will be home {time}.",
        "{Time}, {B} is coming home with {list}.",
        "{A} needs {list}. {B} buys it and comes home {time}.",
        "{A} tells {B} to buy {list}.")


def invitation(s):
    event = s.draw("event", _WORDS["events"])
    day = s.draw("day", _WORDS["days"])
    s.draw("food", _WORDS["foods"])
    s.draw("time", _WORDS["times"])
    other_food = s.changes_mind("food", _WORDS["foods"])
    s.set(bare=_without_article(event), Day=_capital(day))
    s.say("A", "{open}! I am having {event} {day}, will you come?", "{open}, there is {event} {day}. want to come?",
          "{open}, do you want to join {event} {day}?")
    s.say("B", s.rng.choice(["of course!", "yes, gladly", "I would love to"])
          + s.rng.choice([" what time?", " when does it start?"]))
    s.say("A", "{time}")
    s.say("B", "can I bring something?", "shall I bring food?", "what should I bring?")
    if other_food:
        s.say("A", "maybe {wrong}?")
        s.say("B", "I am better at {food}", "hmm, I would rather make {food}", "can I do {food} instead?")
        s.say("A", "{end}")
    else:
        s.say("A", "{food} would be great", "{food} please", "yes, {food}")
        s.say("B", "{end}")
    return s.sums(
        "{B} will come to {A}'s {bare} {day} {time} and bring {food}.",
        "{Day} {time}, {B} is coming to {event} at {A}'s with {food}.",
        "{A} invites {B} to {event} {day} {time}. {B} brings {food}.",
        "{A} tells {B} that {event} starts {day} {time}.")


def help_needed(s):
    task = s.rng.choice(_WORDS["tasks"])
    day = s.draw("day", _WORDS["days"])
    s.draw("time", _WORDS["times"])
    s.set(Day=_capital(day), **task)
    busy = s.rng.random() < .45
    s.say("A", "{open}, can you help me {to}?", "{open}, I need a hand to {to}", "{open}, I can't {to} alone, can you help?")
    if busy:
        s.set(**s.rng.choice(_WORDS["troubles"]))
        s.say("B", "sorry, {said}", "I would, but {said}", "not now, {said}")
        s.say("B", "ask {C}", "maybe {C} can", "{C} has time I think")
        s.say("A", "ok, I will ask {C} for {day}", "good idea, I'll write to {C} about {day}")
        s.say("B", "{end}")
        return s.sums(
            "{A} will ask {C} to help {to} {day}.",
            "{Day}, {A} is asking {C} for help with {ing}.",
            "{B} cannot help {A} {to}. {A} asks {C} instead.",
            "{B} tells {A} to ask {C}, as {B} {told}.")
    s.say("B", "sure, when?", "ok, when do you need me?")
    s.say("A", "{day} {time}")
    s.say("B", "I'll be there", "count on me", "see you then")
    s.say("A", "{end}")
    return s.sums(
        "{B} will help {A} {to} {day} {time}.",
        "{Day} {time}, {B} is helping {A} with {ing}.",
        "{A} has to {to}. {B} comes to help {day} {time}.",
        "{A} tells {B} to come {day} {time} for {ing}.")


def pet_care(s):
    s.draw("pet", _WORDS["pets"])
    s.draw("trip", _WORDS["trips"])
    s.set(Day=_capital(s.draw("day", _WORDS["days"])))
    s.draw("key", _KEYS)
    s.draw("days", ["two", "three", "four", "five"])
    s.say("A", "{open}, I am going to {trip} {day}", "{open}, we are off to {trip} {day}",
          "{open}, guess what, I travel to {trip} {day}")
    s.say("B", "nice! how long?", "lucky you, for how long?")
    s.say("A", "{days} days", "about {days} days")
    s.say("A", "could you feed {pet}?", "can you look after {pet}?", "who feeds {pet}? can you?")
    s.say("B", "sure, where is the key?", "of course. and the key?")
    s.say("A", "{key}")
    s.say("B", "{end}")
    return s.sums(
        "{B} will feed {pet} while {A} is at {trip} for {days} days.",
        "{Day}, {A} is leaving for {trip} and {B} is feeding {pet}.",
        "{A} travels to {trip} for {days} days. {B} looks after {pet} and finds the key {key}.",
        "{A} tells {B} that the key is {key}.")


def news(s):
    s.set(**s.rng.choice(_WORDS["news"]))
    s.set(Day=_capital(s.draw("day", _WORDS["days"])))
    s.draw("place", _WORDS["places"])
    s.draw("gift", _WORDS["gifts"])
    s.say("A", "{open}, big news!", "{open}, you won't believe it", "{open}! are you sitting?")
    s.say("B", "tell me", "what is it?", "I'm all ears")
    s.say("A", "{said}!", "{said}!!", "{said}")
    s.say("B", "wow, congratulations!", "that is wonderful", "I am so happy for you")
    s.say("B", "we must celebrate at {place} {day}", "let's celebrate, {place} {day}?", "I'll treat you at {place} {day}")
    s.say("A", "{end}")
    if s.rng.random() < .4:
        s.say("B", "and you get {gift}")
    return s.sums(
        "{A} {told} and will celebrate with {B} at {place} {day}.",
        "{Day}, {A} and {B} are celebrating at {place} as {A} {told}.",
        "{A} {told}. {B} wants to celebrate at {place} {day}.",
        "{A} tells {B} the news: {A} {told}.")


def present(s):
    s.draw("gift", _WORDS["gifts"])
    s.set(Day=_capital(s.draw("day", _WORDS["days"])))
    s.draw("place", _WORDS["places"])
    other_gift = s.changes_mind("gift", _WORDS["gifts"])
    s.say("A", "{open}, it is {C}'s birthday {day}", "{open}, don't forget {C} turns thirty {day}", "{open}, {C} has a birthday {day}")
    s.say("B", "oh! what do we give?", "right. any idea for a present?")
    if other_gift:
        s.say("A", "{wrong}?", "maybe {wrong}?")
        s.say("B", "{C} has one already. {gift}?", "I don't think {C} likes that. {gift}?")
        s.say("A", "better!", "yes, good", "ok deal")
    else:
        s.say("A", "how about {gift}?", "I saw {gift}, what do you think?")
        s.say("B", "good idea", "perfect", "nice")
    s.say("A", "will you buy it? I have no time", "can you get it?")
    s.say("B", "ok, I'll get it at {place}", "sure, they have it at {place}", "yes, I pass {place} anyway")
    return s.sums(
        "{B} will buy {gift} for {C}'s birthday.",
        "{Day}, {C} is turning a year older and {B} is buying {gift} at {place}.",
        "{C} has a birthday {day}. {A} and {B} give {gift}, which {B} buys.",
        "{A} tells {B} to get {gift} for {C}.")


def trip(s):
    s.draw("trip", _WORDS["trips"])
    s.draw("ride", _WORDS["rides"])
    s.set(Day=_capital(s.draw("day", _WORDS["days"])))
    s.draw("time", _WORDS["times"])
    other_ride = s.changes_mind("ride", _WORDS["rides"])
    s.say("A", "{open}, shall we go to {trip} {day}?", "{open}, I want to see {trip} {day}, coming?", "{open}, trip to {trip} {day}?")
    s.say("B", "yes please", "good plan", "I'm in")
    s.say("B", "is {C} coming too?", "shall we ask {C}?")
    all_three = s.rng.random() < .5
    s.say("A", *(["yes, already asked", "yes!"] if all_three else ["no, busy", "no time, sadly"]))
    if other_ride:
        s.say("A", "{wrong}?")
        s.say("B", "rather {ride}", "no, {ride} is cheaper", "{ride} would be nicer")
        s.say("A", "ok, we leave {time}")
    else:
        s.say("B", "how do we get there?")
        s.say("A", "{ride}, we leave {time}", "{ride}. start is {time}")
        s.say("B", "{end}")
    s.set(who=("{A}, {B} and {C}" if all_three else "{A} and {B}").format_map(s.slots),
          third="comes too" if all_three else "stays at home")
    return s.sums(
        "{who} will go to {trip} {day} {ride}.",
        "{Day} {time}, {who} are leaving for {trip} {ride}.",
        "{A} plans a trip to {trip} {day}. {C} {third}, and they travel {ride}.",
        "{A} tells {B} that they leave for {trip} {day} {time}.")


def lost_and_found(s):
    s.set(bare=_without_article(s.draw("thing", _WORDS["things"])))
    s.draw("place", _WORDS["places"])
    s.draw("where", _WORDS["places"])
    s.set(Day=_capital(s.draw("day", _WORDS["days"])))
    s.say("A", "{open}, have you seen my {bare}?", "{open}, I can't find my {bare}", "{open}, help, my {bare} is gone")
    s.say("B", "where did you last have it?", "no, when did you use it?")
    s.say("A", "at {place} I think", "maybe at {place}", "I had it at {place}")
    s.say("B", "ask {C}, maybe it is there", "wait, {C} found something", "I will ask {C}")
    s.say("B", "yes! {C} has it", "found: {C} took it home")
    s.say("A", "phew! where can I get it?", "great, when can I have it?")
    s.say("B", "at {where}, {day}", "go to {where} {day}", "you can fetch it at {where} {day}")
    s.say("A", "{end}")
    return s.sums(
        "{A} will get the {bare} back from {C} at {where} {day}.",
        "{Day}, {A} is picking up the lost {bare} from {C}.",
        "{A} lost the {bare} at {place}. {C} has it, and {A} can fetch it at {where} {day}.",
        "{B} tells {A} that {C} has the {bare}.")


def lift(s):
    s.draw("place", _WORDS["places"])
    s.set(Day=_capital(s.draw("day", _WORDS["days"])))
    s.draw("time", _WORDS["times"])
    other_time = s.changes_mind("time", _WORDS["times"])
    s.set(**s.rng.choice(_WORDS["troubles"]))
    s.say("A", "{open}, could you drive me {day}?", "{open}, I need a lift {day}", "{open}, are you driving {day}?")
    s.say("B", "where to?", "maybe, where do you have to go?")
    s.say("A", "to {place}", "just to {place}")
    s.say("A", "{said}")
    s.say("B", "ok, what time?", "sure. when?")
    if other_time:
        s.say("A", "{wrong}")
        s.say("B", "only {time} works for me", "I finish late, so {time}?")
        s.say("A", "that's fine", "ok, good")
    else:
        s.say("A", "{time}")
        s.say("B", "{end}")
    return s.sums(
        "{B} will drive {A} to {place} {day} {time}.",
        "{Day} {time}, {B} is giving {A} a lift to {place}.",
        "{A} {told} and needs a lift to {place}. {B} drives {day} {time}.",
        "{B} tells {A} that the lift is {day} {time}.")


# The order is part of the format: a random number is an index. The label is part of some summaries.
SCENES = [
    (meeting, "Meeting"), (loan, "Loan"), (excuse, "Excuse"), (shopping, "Shopping"), (invitation, "Invitation"), (help_needed, "Help"),
    (pet_care, "Pet care"), (news, "News"), (present, "Present"), (trip, "Trip"), (lost_and_found, "Lost and found"), (lift, "Lift"),
]
