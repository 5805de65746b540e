package ai.cacheblend.orchestrator.parquet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Makes rows from columns: groups become objects, lists become arrays. For one row group. */
final class RowAssembler {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final SchemaNode root;
  private final List<ColumnData> columns;

  RowAssembler(SchemaNode root, List<ColumnData> columns) {
    this.root = root;
    this.columns = columns;
  }

  ObjectNode next() throws ParquetException {
    return object(root);
  }

  private ObjectNode object(SchemaNode group) throws ParquetException {
    ObjectNode object = JSON.objectNode();
    for (SchemaNode child : group.children()) {
      object.set(child.name(), field(child));
    }
    return object;
  }

  private JsonNode field(SchemaNode node) throws ParquetException {
    if (node.repetition() == SchemaNode.Repetition.REPEATED) {
      return elements(node, false);
    }
    if (first(node).definition() < node.maxDefinition()) {
      skip(node);
      return NullNode.instance;
    }
    return content(node);
  }

  private JsonNode content(SchemaNode node) throws ParquetException {
    if (node.isLeaf()) {
      return columns.get(node.leaf()).value();
    }
    if (node.list() && node.children().size() == 1) {
      SchemaNode repeated = node.children().get(0);
      if (repeated.repetition() == SchemaNode.Repetition.REPEATED) {
        return elements(repeated, node.wrapsElement(repeated));
      }
    }
    return object(node);
  }

  private ArrayNode elements(SchemaNode repeated, boolean wrapped) throws ParquetException {
    ArrayNode elements = JSON.arrayNode();
    ColumnData first = first(repeated);
    if (first.definition() < repeated.maxDefinition()) {
      skip(repeated);
      return elements;
    }
    do {
      elements.add(wrapped ? field(repeated.children().get(0)) : content(repeated));
    } while (first.repetition() == repeated.maxRepetition());
    return elements;
  }

  private ColumnData first(SchemaNode node) {
    return columns.get(node.firstLeaf().leaf());
  }

  private void skip(SchemaNode node) throws ParquetException {
    if (node.isLeaf()) {
      columns.get(node.leaf()).skip();
      return;
    }
    for (SchemaNode child : node.children()) {
      skip(child);
    }
  }
}
