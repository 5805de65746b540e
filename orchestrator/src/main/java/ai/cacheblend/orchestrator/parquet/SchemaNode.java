package ai.cacheblend.orchestrator.parquet;

import java.util.List;

/**
 * A field of the schema, with the levels of the record shredding (S. Melnik et al., "Dremel:
 * Interactive Analysis of Web-Scale Datasets", VLDB 2010).
 *
 * @param maxDefinition definition level at which this field is present
 * @param maxRepetition repetition level of its innermost repeated field, itself included
 * @param list whether it is annotated as LIST
 * @param leaf index of the column; -1 for a group
 * @param type physical type of a column
 * @param typeLength bytes of a fixed-length value
 */
record SchemaNode(
    String name,
    Repetition repetition,
    int maxDefinition,
    int maxRepetition,
    boolean list,
    int leaf,
    PhysicalType type,
    int typeLength,
    List<SchemaNode> children) {
  enum Repetition {
    REQUIRED,
    OPTIONAL,
    REPEATED
  }

  SchemaNode {
    children = List.copyOf(children);
  }

  boolean isLeaf() {
    return leaf >= 0;
  }

  /** The first column below this field. */
  SchemaNode firstLeaf() {
    return isLeaf() ? this : children.get(0).firstLeaf();
  }

  /**
   * The repeated field of a list of the standard three levels; a list of two levels, as older
   * writers make it, has elements that are not wrapped.
   */
  boolean wrapsElement(SchemaNode repeated) {
    return !repeated.isLeaf()
        && repeated.children.size() == 1
        && !repeated.name.equals("array")
        && !repeated.name.equals(name + "_tuple");
  }
}
