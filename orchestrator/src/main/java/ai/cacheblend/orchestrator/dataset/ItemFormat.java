package ai.cacheblend.orchestrator.dataset;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** A record format that data sets are published in. */
interface ItemFormat {
  /** Name and fields, for messages. */
  String description();

  /** Whether a record has the fields of this format, whatever their values. */
  boolean matches(ObjectNode fields);

  /** The data set of a record, where format or record name it. */
  Optional<String> datasetName(ObjectNode fields);

  /**
   * The item of a record.
   *
   * @throws UnusableItemException if the item is to be left out
   * @throws DatasetException if a field has another type
   */
  Item read(DataRecord record);
}
