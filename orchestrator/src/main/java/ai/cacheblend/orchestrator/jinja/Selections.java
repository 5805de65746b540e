package ai.cacheblend.orchestrator.jinja;

import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Filters that apply an attribute, a filter or a test to each element of a list. */
final class Selections {
  private Selections() {}

  static List<Object> map(List<Object> elements, Arguments in) {
    if (in.named().containsKey("attribute")) {
      List<Object> values = attributes(elements, Values.text(in.named().get("attribute")));
      if (in.named().containsKey("default")) {
        values.replaceAll(value -> value instanceof Undefined ? in.named().get("default") : value);
      }
      return values;
    }
    String filter = in.text(0, "filter");
    Filters.requireKnown(filter, 0);
    Arguments rest = rest(in, 1);
    elements.replaceAll(element -> Filters.apply(filter, element, rest));
    return elements;
  }

  /** The attribute of each element; a dotted name is a path. */
  static List<Object> attributes(List<Object> elements, String path) {
    List<Object> values = new ArrayList<>();
    for (Object element : elements) {
      Object value = element;
      for (String name : Splitter.on('.').split(path)) {
        value = Members.item(value, name);
      }
      values.add(value);
    }
    return values;
  }

  static List<Object> select(List<Object> elements, Arguments in, boolean wanted) {
    return selectBy(elements, elements, in, 0, wanted);
  }

  static List<Object> selectByAttribute(List<Object> elements, Arguments in, boolean wanted) {
    return selectBy(elements, attributes(elements, in.text(0, "attribute")), in, 1, wanted);
  }

  private static List<Object> selectBy(
      List<Object> elements, List<Object> tested, Arguments in, int test, boolean wanted) {
    boolean named = in.positional().size() > test;
    String name = named ? in.text(test, "test") : "";
    if (named) {
      Tests.requireKnown(name, 0);
    }
    Arguments rest = rest(in, test + 1);
    List<Object> selected = new ArrayList<>();
    for (int i = 0; i < elements.size(); i++) {
      boolean holds = named ? Tests.holds(name, tested.get(i), rest) : Values.isTrue(tested.get(i));
      if (holds == wanted) {
        selected.add(elements.get(i));
      }
    }
    return selected;
  }

  private static Arguments rest(Arguments in, int from) {
    List<Object> all = in.positional();
    return new Arguments(
        in.function(), all.subList(Math.min(from, all.size()), all.size()), Map.of());
  }
}
