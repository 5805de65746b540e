package ai.cacheblend.orchestrator.parquet;

import java.util.ArrayList;
import java.util.List;

/** Builds the tree of fields from the footer's flattened list. For a single use. */
final class SchemaReader {
  private static final int LIST = 3;
  private static final int MAX_DEPTH = 64;

  private final List<CompactStruct> elements;
  private final List<SchemaNode> leaves = new ArrayList<>();
  private int next;

  SchemaReader(List<CompactStruct> elements) {
    this.elements = elements;
  }

  /** The root, whose children are the columns of a row. */
  SchemaNode root() throws ParquetException {
    SchemaNode root = node(0, 0, 0);
    if (next != elements.size() || root.isLeaf() || root.children().isEmpty()) {
      throw new ParquetException("the schema is not one tree of columns");
    }
    return root;
  }

  /** The columns in the order of the file. */
  List<SchemaNode> leaves() {
    return leaves;
  }

  private SchemaNode node(int definition, int repetition, int depth) throws ParquetException {
    if (next >= elements.size() || depth > MAX_DEPTH) {
      throw new ParquetException("the schema is not one tree of columns");
    }
    CompactStruct element = elements.get(next++);
    SchemaNode.Repetition kind =
        depth == 0 || !element.has(3)
            ? SchemaNode.Repetition.REQUIRED
            : constant(SchemaNode.Repetition.values(), element.size(3), "repetition");
    int maxDefinition = definition + (kind == SchemaNode.Repetition.REQUIRED ? 0 : 1);
    int maxRepetition = repetition + (kind == SchemaNode.Repetition.REPEATED ? 1 : 0);
    int childCount = element.size(5, 0);
    if (childCount == 0) {
      if (!element.has(1)) {
        throw new ParquetException(
            "field %s has neither type nor children".formatted(name(element)));
      }
      SchemaNode leaf =
          new SchemaNode(
              name(element),
              kind,
              maxDefinition,
              maxRepetition,
              false,
              leaves.size(),
              constant(PhysicalType.values(), element.size(1), "type"),
              element.size(2, 0),
              List.of());
      leaves.add(leaf);
      return leaf;
    }
    List<SchemaNode> children = new ArrayList<>();
    for (int i = 0; i < childCount; i++) {
      children.add(node(maxDefinition, maxRepetition, depth + 1));
    }
    boolean list = element.size(6, -1) == LIST || (element.has(10) && element.struct(10).has(LIST));
    return new SchemaNode(
        name(element), kind, maxDefinition, maxRepetition, list, -1, null, 0, children);
  }

  private static String name(CompactStruct element) throws ParquetException {
    return element.text(4);
  }

  private static <T> T constant(T[] constants, int index, String what) throws ParquetException {
    if (index >= constants.length) {
      throw new ParquetException("%s %d of the schema is unknown".formatted(what, index));
    }
    return constants[index];
  }
}
