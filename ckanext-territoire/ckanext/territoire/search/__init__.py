"""From a citizen's words to what Solr is asked: French, communes, themes, synonyms, mistakes."""
