# Shelves, search and products.

command-shop = see what is for sale
command-search = find a product: /search words
button-shop = 🛍 Shop
button-search = 🔍 Search
button-search-again = 🔍 Search again
button-everything = All products
button-shelves = Categories
button-shelf = ‹ Back to the shelf

shelves =
    <b>Categories</b>
    Choose one, or see everything.
everything = All products
shelf =
    <b>{ $title }</b>
    { $count ->
        [one] One product
       *[other] { $count } products
    }, page { $page } of { $pages }
shelf-empty =
    <b>{ $title }</b>
    There is nothing here yet. Please look again soon.
button-product = { $name } · { $price }
button-product-sold-out = { $name } · { $price } · sold out

card =
    <b>{ $name }</b>
    { $price }
card-in-stock = { $count ->
    [one] The last one
   *[other] { $count } in stock
}
card-unlimited = In stock
card-sold-out = Sold out at the moment
card-terms = <b>Terms</b>
button-add = 🛒 Add { $quantity }

search-ask = What are you looking for? Type part of a name or a code.
search-too-long = That is too long to search for; { $max } characters are enough. What are you looking for?
found =
    <b>Found for “{ $query }”</b>
    { $count ->
        [one] One product
       *[other] { $count } products
    }
found-nothing = Nothing matches “{ $query }”. Try fewer or other words.

product-gone = This product is no longer for sale.
category-gone = This category is no longer there.
