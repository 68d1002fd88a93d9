package main

func Example_main() {
	main()
	// Output:
	// created Ada Lovelace at version 1
	// refused a second one: email is taken by Ada: true
	// page 1 begins with Customer 1
	// page 2 begins with Customer 3
	// page 3 begins with Customer 5
	// found Ada Lovelace [vip]
	// archived Ada Lovelace at version 2
	// 5 are active
}
