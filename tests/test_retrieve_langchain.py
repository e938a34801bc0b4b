"""The LangChain face passes LangChain's own tests for retrievers."""

import pytest

pytest.importorskip("langchain_tests", reason="langchain-tests is not installed")

from langchain_tests.integration_tests import RetrieversIntegrationTests

from rag.retrieve import PassageRetriever, Retriever
from tests.test_retrieve import ARTICLES, FakeIndex, HashEmbedder


class TestPassageRetriever(RetrieversIntegrationTests):
    @pytest.fixture(autouse=True)
    def _index(self, tmp_path):
        self.searcher = Retriever(FakeIndex(ARTICLES, tmp_path), HashEmbedder())

    @property
    def retriever_constructor(self):
        return PassageRetriever

    @property
    def retriever_constructor_params(self):
        return {"retriever": self.searcher}

    @property
    def retriever_query_example(self):
        return "Ai chủ trì hội nghị?"
